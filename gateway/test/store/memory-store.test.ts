/** The store for tests keeps to the interface. */
import { describeStore } from './conformance/index.ts';

import { MemoryStore } from './memory-store.ts';

describeStore('jobs in memory', (settings) => new MemoryStore(settings));
