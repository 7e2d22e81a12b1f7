export { Random } from '../../bench/chaos/random.ts';
