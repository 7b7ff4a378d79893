import { z } from 'zod';
import type { ApiDefinition } from './definitions.ts';
import type { Reader } from './resource-reader.ts';

const throttle = z.object({
  ThrottlingRateLimit: z.coerce.number().optional(),
  ThrottlingBurstLimit: z.coerce.number().optional(),
});
/** What API Gateway gives an integration where the template says nothing. */
const defaultTimeoutMilliseconds = 30_000;

/** The HTTP APIs of an assembly, with the routes that lead to its functions. */
export function readApis(ofType: (type: string) => readonly Reader[]): ApiDefinition[] {
  const integrations = ofType('AWS::ApiGatewayV2::Integration');
  const routes = ofType('AWS::ApiGatewayV2::Route');
  const stages = ofType('AWS::ApiGatewayV2::Stage');
  return ofType('AWS::ApiGatewayV2::Api').map((api) => {
    const isOfApi = (part: Reader) => part.read('ApiId', z.string()) === api.ref;
    const stage = stages.find(isOfApi);
    const ofStage = stage?.read('DefaultRouteSettings', throttle.optional());
    const ofRoutes = stage?.read('RouteSettings', z.record(z.string(), throttle).optional());
    return {
      ...api.identity,
      apiId: api.ref,
      routes: routes.filter(isOfApi).map((route) => {
        const key = route.read('RouteKey', z.string());
        const target = route.read('Target', z.string());
        const integration = integrations.find(({ ref }) => target === `integrations/${ref}`);
        if (!integration) throw new Error(`The route ${key} leads to ${target}, which is not in the assembly.`);
        const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = ofRoutes?.[key] ?? ofStage ?? {};
        return {
          key,
          functionArn: integration.read('IntegrationUri', z.string()),
          timeoutMilliseconds: integration.read(
            'TimeoutInMillis',
            z.coerce.number().default(defaultTimeoutMilliseconds),
          ),
          throttle: rate === undefined ? undefined : { rate, burst: burst ?? rate },
        };
      }),
    };
  });
}
