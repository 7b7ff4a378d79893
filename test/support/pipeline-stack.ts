import { stackNames } from '../../lambdas/contract/outputs.ts';
import { readAssembly, type Stack } from '../../local/cloud/cloudformation/template.ts';
import { currentAssembly } from '../../local/run/assembly.ts';

/** The deployed pipeline stack of the workspace `main`. */
export async function pipelineStack(): Promise<Stack> {
  const { stacks } = await readAssembly(await currentAssembly());
  const found = [...stacks.values()].find(({ name }) => name === stackNames('main').pipeline);
  if (!found) throw new Error('The assembly has no pipeline of the workspace main.');
  return found;
}
