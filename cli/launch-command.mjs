#!/usr/bin/env node
// `npx storecast`, on whatever Node it is started with.
import { launch } from '../launch.mjs';

await launch(import.meta.filename, new URL('./main.ts', import.meta.url));
