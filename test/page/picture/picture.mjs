// `npm run picture`, on the Node that npm has installed.
import { launch } from '../../../launch.mjs';

await launch(import.meta.filename, new URL('./main.ts', import.meta.url));
