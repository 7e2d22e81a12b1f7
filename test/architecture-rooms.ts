/** The architecture: what may import what, said once. Arrows point down only, so no two rooms know each other. */

/** Folders of the project that the files of a folder may import besides their own; a folder not listed is unknown. */
export const folders: Record<string, readonly string[]> = {
  domain: [],
  lambdas: ['domain'],
  client: ['domain'],
  page: ['domain', 'client'],
  lib: ['domain'],
  bin: ['lib'],
  local: [],
  cli: ['domain', 'client', 'local'],
  packages: ['lib', 'client', 'local', 'cli'],
  contracts: ['domain', 'lambdas'],
  bench: ['domain', 'client', 'local', 'lambdas', 'lib', 'cli'],
  test: [
    'bin',
    'lib',
    'lambdas',
    'domain',
    'client',
    'page',
    'local',
    'cli',
    'bench',
    'packages',
    'contracts',
  ],
};

/** The files that lie in a folder itself. One that has the name of a room is its front, and belongs to it. */
export const ROOT = '';

/** What each room of a folder may import of the others; a folder without an entry has no rooms. */
export const rooms: Record<string, Record<string, readonly string[]>> = {
  domain: {
    [ROOT]: [],
    retail: [ROOT],
    basket: [ROOT, 'retail'],
    updates: [ROOT, 'retail'],
    'price-lists': [ROOT, 'retail', 'updates'],
    sales: [ROOT, 'retail'],
    book: [ROOT, 'basket', 'retail', 'updates'],
    identity: [ROOT, 'retail', 'updates'],
    protocol: [ROOT, 'identity', 'retail', 'sales', 'updates'],
    outbound: [ROOT, 'sales', 'updates'],
  },
  lambdas: {
    aws: [],
    gateway: ['aws'],
    identity: ['aws'],
    registry: ['aws'],
    sales: ['aws'],
    updates: ['aws'],
    receipts: ['aws', 'registry', 'updates'],
    books: ['aws', 'registry', 'updates'],
    'fan-out': ['aws', 'gateway', 'registry', 'updates'],
    outbound: ['aws', 'receipts', 'registry', 'sales', 'updates'],
    frames: ['outbound', 'aws', 'gateway', 'identity', 'receipts', 'registry', 'sales', 'updates', 'fan-out'],
    live: ['aws', 'gateway', 'identity', 'receipts', 'registry', 'sales', 'updates', 'fan-out'],
    management: [
      ...['aws', 'books', 'gateway', 'identity', 'receipts', 'registry', 'sales', 'updates', 'fan-out'],
    ],
    [ROOT]: [
      ...['aws', 'books', 'gateway', 'identity', 'receipts', 'registry', 'sales', 'updates', 'fan-out'],
      ...['frames', 'live', 'management', 'outbound'],
    ],
  },
  client: {
    storage: [],
    time: [],
    line: ['time'],
    sales: ['line', 'storage', 'time'],
    till: ['line', 'storage', 'time'],
    updates: ['line', 'storage', 'till', 'time'],
    reports: ['line', 'sales', 'time', 'updates'],
    messages: ['line', 'sales', 'time', 'updates'],
    [ROOT]: ['messages', 'line', 'reports', 'sales', 'storage', 'till', 'time', 'updates'],
  },
  page: {
    drafts: [],
    model: [],
    style: [],
    view: [ROOT, 'drafts', 'model', 'style'],
    [ROOT]: ['drafts', 'model', 'style', 'view'],
  },
  lib: {
    bundle: [],
    checks: [],
    naming: [],
    observability: ['naming'],
    outbound: [ROOT, 'naming'],
    settings: [],
    [ROOT]: ['bundle', 'checks', 'naming', 'observability', 'outbound', 'settings'],
  },
  cli: {
    cost: [],
    'dead-letters': [ROOT],
    doctor: [ROOT, 'evidence'],
    evidence: [ROOT],
    publishing: [ROOT],
    simulation: [ROOT],
    trust: [ROOT],
    commands: [ROOT, 'cost', 'dead-letters', 'doctor', 'evidence', 'publishing', 'simulation'],
    [ROOT]: ['commands', 'trust'],
  },
};
