export const title = 'x';
export async function run() {
  return { rows: [], goals: [] };
}
