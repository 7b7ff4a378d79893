import type { PipelineState } from '../../contract/pipeline-state.ts';

/** The state before the first run. */
export const emptyState: PipelineState = { watermarks: {}, rereads: {}, resumes: {}, underWay: {} };
