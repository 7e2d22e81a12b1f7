/** What is not on the page at first: one file on the wire, for in several they would compress worse. */
export * from './publish/dialogs.ts';
export { ChartTable } from './sales/chart-table.tsx';
export { SoldArticles } from './sales/sold-articles.tsx';
export { StoreDrawer } from './stores/store-drawer.tsx';
export { StoreMap } from './stores/store-map.tsx';
export { AuditArticles } from './trust/audit-articles.tsx';
export { DeliveryDetail } from './updates/delivery-detail.tsx';
