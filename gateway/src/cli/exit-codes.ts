/** How commands end. */

export const FINISHED = 0;
export const FAILED = 1;
export const USAGE = 2;
/** No daemon could be started, and trying again cannot help. */
export const NOT_READY = 3;
