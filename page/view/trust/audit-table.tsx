/** Where most lines were charged at other prices than listed: stores, or articles. */
import { useState } from 'preact/hooks';
import { isOffPrice } from '../../../domain/sales/price-audit.ts';
import { number, plural, share } from '../../format.ts';
import { shareOf } from '../../model/watched/audit-figures.ts';

export interface AuditRow {
  id: string;
  name: string | undefined;
  exact: number;
  over: number;
  under: number;
  /** Left out where there is nothing more to see. */
  show?: () => void;
}

export interface AuditTableProps {
  caption: string;
  /** The worst first. */
  rows: readonly AuditRow[];
}

const ROWS_SHOWN = 5;

export function AuditTable({ caption, rows }: AuditTableProps) {
  const [shown, show] = useState(ROWS_SHOWN);
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{caption}</h3>
      <table class="table share-table">
        <tbody>
          {rows.slice(0, shown).map(row => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <button type="button" class="plain" onClick={() => show(shown + 4 * ROWS_SHOWN)}>
          Show more ({plural(rows.length - shown, 'row')} left)
        </button>
      )}
    </>
  );
}

function Row({ row }: { row: AuditRow }) {
  const { exact, id, name, over, show, under } = row;
  return (
    <tr data-audited={id}>
      <th scope="row">
        {name ?? id} {name !== undefined && <span class="hint">{id}</span>}
      </th>
      <td class="figure-cell">
        {number(over)} more, {number(under)} less
        <span class="hint wide"> of {number(exact + over + under)}</span>
      </td>
      <td class={`figure-cell ${isOffPrice(row) ? 'less' : ''}`}>{share(shareOf(row) ?? 0)}</td>
      {show !== undefined && (
        <td class="figure-cell">
          <button type="button" class="plain" onClick={show}>
            Show<span class="unseen"> {name ?? id}</span>
          </button>
        </td>
      )}
    </tr>
  );
}
