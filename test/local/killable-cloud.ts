/** A local cloud as a process of its own, to be killed: `node killable-cloud.ts ASSEMBLY DATA` prints its outputs. */
import { startLocalCloud } from '../../local/local-cloud.ts';

const [assemblyDirectory = '', dataDirectory = ''] = process.argv.slice(2);
const { outputs } = await startLocalCloud({ assemblyDirectory, dataDirectory, port: 0 });
console.log(JSON.stringify(outputs));
