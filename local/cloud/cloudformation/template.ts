/**
 * Reads a cloud assembly as `cdk synth` writes it: the template of every stack, and the files that the templates refer
 * to.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Metadata: z.object({ 'aws:cdk:path': z.string().optional() }).optional(),
      Condition: z.never('conditions are not known here; our templates have none').optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});

const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      displayName: z.string().optional(),
      properties: z
        .object({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          file: z.string().optional(),
          directoryName: z.string().optional(),
        })
        .default({}),
    }),
  ),
});

const assetManifest = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

export interface Stack {
  readonly outputs: Readonly<Record<string, { readonly Value?: unknown }>>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly name: string;
}

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Ids of the constructs below the stack, such as `['Plan', 'Function', 'Resource']`. */
  readonly path: readonly string[];
  /** Properties as in the template, with unresolved expressions such as `{ "Ref": … }`. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Assembly {
  readonly stacks: ReadonlyMap<string, Stack>;
  /** Folder or file of each asset, by its object key in the bootstrap bucket. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads every stack of an assembly, including those of nested stages.
 * @throws Error if the folder holds no assembly
 */
export async function readAssembly(folder: string): Promise<Assembly> {
  const stacks = new Map<string, Stack>();
  const assets = new Map<string, string>();
  await readInto(resolve(folder), stacks, assets);
  if (stacks.size === 0)
    throw new Error(`The cloud assembly ${folder} holds no stack. Make it anew: npx prospect-lake synth.`);
  return { stacks, assets };
}

async function readInto(folder: string, stacks: Map<string, Stack>, assets: Map<string, string>): Promise<void> {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file))
    throw new Error(`${folder} is no cloud assembly: it has no manifest.json. Make one: npx prospect-lake synth.`);
  for (const [id, artifact] of Object.entries(manifest.parse(await readJson(file)).artifacts)) {
    const { templateFile, stackName = id, file: assetFile, directoryName } = artifact.properties;
    if (artifact.type === 'aws:cloudformation:stack' && templateFile) {
      const stack = template.parse(await readJson(join(folder, templateFile)));
      stacks.set(stackName, stackOf(stackName, artifact.displayName ?? id, stack));
    }
    if (artifact.type === 'cdk:asset-manifest' && assetFile) {
      for (const { source, destinations } of Object.values(
        assetManifest.parse(await readJson(join(folder, assetFile))).files,
      )) {
        for (const { objectKey } of Object.values(destinations)) {
          if (source.path) assets.set(objectKey, resolve(folder, source.path));
        }
      }
    }
    if (artifact.type === 'cdk:cloud-assembly' && directoryName)
      await readInto(join(folder, directoryName), stacks, assets);
  }
}

function stackOf(name: string, displayName: string, parsed: z.infer<typeof template>): Stack {
  const resources = new Map<string, Resource>();
  for (const [logicalId, { Type, Properties, Metadata }] of Object.entries(parsed.Resources)) {
    const path = Metadata?.['aws:cdk:path'] ?? `${displayName}/${logicalId}`;
    const below = path.startsWith(`${displayName}/`) ? path.slice(displayName.length + 1) : path;
    resources.set(logicalId, {
      stack: name,
      logicalId,
      type: Type,
      path: below.split('/'),
      properties: Properties,
    });
  }
  return { name, outputs: parsed.Outputs, resources };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
