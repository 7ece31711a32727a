/** The public surface of `pose-sidecar-gateway`. */
export { type OptionFacts, optionTable } from './config/describe.ts';
export type { Config } from './config/options.ts';
export { type Resolved, resolveConfig } from './config/resolve.ts';
export { Gateway } from './gateway.ts';
export { type CodeFacts, errorTable } from './http/error-codes.ts';
export { type Logger, type OpenLog, openLog } from './log/logger.ts';
export { VERSION } from './version.ts';
