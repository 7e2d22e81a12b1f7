// Plain JavaScript: the broadcast's bundle alone, as Lambda runs it. Says the peak memory of the process.
const { handler } = require(process.argv[2]);

const event = {
  id: 'c2f7d9a4-6f0e-4d53-9d0a-0d2b5b7f4a11',
  source: 'bench',
  'detail-type': 'PriceChanged',
  time: new Date().toISOString(),
  detail: { prices: [{ sku: '4006381333931', amount: 199, currency: 'EUR' }] },
};
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 120_000 };

handler(event, context).then(report => {
  process.stderr.write(JSON.stringify({ ...report, peakMb: process.resourceUsage().maxRSS / 1024 }));
  process.exit();
});
