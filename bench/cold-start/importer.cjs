// Plain JavaScript: nothing but the bundle is loaded. Says what its import took.
const before = process.cpuUsage();
const startedAt = performance.now();
require(process.argv[2]);
const milliseconds = performance.now() - startedAt;
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ milliseconds, cpuMilliseconds: (user + system) / 1000 }));
