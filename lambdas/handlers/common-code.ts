/**
 * The code that the functions of a run share. In a local run, their thread loads it while `npm start` makes its checks,
 * so that the first message of a function need not wait for it. Nothing here may read the environment when it is
 * loaded, because each function has its own.
 */

import '../adapters/glue-catalog.ts';
import '../adapters/http-api.ts';
import '../adapters/telemetry.ts';
import '../core/convert/convert-task.ts';
import '../core/extract/extract-task.ts';
import '../core/plan/plan-run.ts';
import '../core/publish/publish-run.ts';
