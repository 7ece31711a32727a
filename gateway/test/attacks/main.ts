/** One attack on a gateway that runs. Usage: node main.ts NAME URL COUNT    prints how often each status was answered */
import { halfOpenUploads } from './half-open.ts';
import { malformedRequests } from './malformed.ts';
import { slowLoris } from './slow-loris.ts';

const ATTACKS = {
  'half-open-uploads': halfOpenUploads,
  'malformed-requests': malformedRequests,
  'slow-loris': slowLoris,
};

const [name = '', url = '', count = ''] = process.argv.slice(2);
if (!Object.hasOwn(ATTACKS, name))
  throw new Error(`no such attack: ${name}; known: ${Object.keys(ATTACKS).join(', ')}`);
console.log(JSON.stringify(await ATTACKS[name as keyof typeof ATTACKS](url, Number(count))));
