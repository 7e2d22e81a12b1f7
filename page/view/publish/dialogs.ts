/** All that publishes, loaded after the figures: most who look at the page publish nothing. */
export { PublishDialog } from './publish-dialog.tsx';
export { PutBackDialog } from './put-back-dialog.tsx';
export { WithdrawDialog } from './withdraw-dialog.tsx';
