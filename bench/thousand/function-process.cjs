// Plain JavaScript: a Lambda environment, with nothing in it but what the function brings. The first event is a cold start.
let handler;

process.on('message', async event => {
  const startedAt = String(process.hrtime.bigint());
  handler ??= require(process.argv[2]).handler;
  const context = { awsRequestId: event.id, getRemainingTimeInMillis: () => 120_000 };
  await handler(event, context);
  process.send({ startedAt, peakMb: process.resourceUsage().maxRSS / 1024 });
});
process.on('disconnect', () => process.exit());
