/** A list of prices, pasted, dropped or chosen as a file; row by row it says what is to mend. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { encodingOf } from '../../../domain/price-lists/list-encoding.ts';
import type { ListDraft } from '../../drafts/list-draft.ts';
import { number, plural } from '../../format.ts';
import { useProblem } from '../fields/field.tsx';

export interface ListFieldProps {
  text: string;
  /** Undefined while there is no list. */
  list: ListDraft | undefined;
  change: (text: string) => void;
}

const PROBLEMS_SHOWN = 20;

export function ListField({ text, list, change }: ListFieldProps) {
  const id = useId();
  const [note, setNote] = useState<string>();
  const [isOpen, setOpen] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const { attributes, message } = useProblem('list');
  const isGiven = list !== undefined;
  useLayoutEffect(() => {
    if (isGiven) setOpen(true);
  }, [isGiven]);
  useEffect(() => {
    // The line that it was pasted into is gone.
    if (isGiven && isOpen && document.activeElement === document.body) area.current?.focus();
  }, [isGiven, isOpen]);
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    const { text: read, note: about } = decode(new Uint8Array(await file.arrayBuffer()));
    setNote(about);
    if (read !== undefined) change(read);
  };
  /** For whoever has copied the cells by mouse; some browsers ask first, or refuse. */
  const paste = async () => {
    try {
      change(await navigator.clipboard.readText());
      setNote(undefined);
    } catch {
      setNote('The browser does not let the page read what was copied: paste it into the field.');
    }
  };
  return (
    <details
      open={isOpen}
      onToggle={event => setOpen(event.currentTarget.open)}
      onDragOver={event => event.preventDefault()}
      onDrop={event => {
        event.preventDefault();
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <summary>A whole list</summary>
      <div class="field">
        <label for={id}>Paste the cells of a spreadsheet, or drop a file here</label>
        <p class="hint">
          The columns are sku, amount and, where wanted, currency, name, priceType, region, validFrom and
          more.
        </p>
        <textarea
          id={id}
          name="list"
          ref={area}
          rows={6}
          spellcheck={false}
          value={text}
          {...attributes}
          onInput={event => change(event.currentTarget.value)}
        />
        <button type="button" onClick={() => void paste()}>
          Paste what was copied
        </button>
        <label class="file">
          Or choose a file{' '}
          <input
            type="file"
            accept=".csv,.tsv,.txt"
            onChange={event => void take(event.currentTarget.files?.[0])}
          />
        </label>
        {note !== undefined && <p class="warning">{note}</p>}
        {message}
      </div>
      {list !== undefined && <Judgement list={list} />}
    </details>
  );
}

function Judgement({ list: { good, problems } }: { list: ListDraft }) {
  const rows = [...new Set(problems.flatMap(({ row }) => (row === undefined ? [] : [row])))];
  const bad =
    rows.length === 0
      ? ''
      : ` · ${number(rows.length)} to mend: ${rows.length === 1 ? 'row' : 'rows'} ${rows.slice(0, 5).join(', ')}${rows.length > 5 ? ', …' : ''}`;
  return (
    <>
      <p role="status">
        <b>
          {number(good.length)} good{bad}
        </b>
      </p>
      <ul class="rows">
        {problems.slice(0, PROBLEMS_SHOWN).map(({ row, message }, index) => (
          <li key={index} class="refusal">
            {row !== undefined && `Row ${row}: `}
            {message}
          </li>
        ))}
      </ul>
      {problems.length > PROBLEMS_SHOWN && (
        <p class="hint">and {plural(problems.length - PROBLEMS_SHOWN, 'more problem')}</p>
      )}
    </>
  );
}

/** What a spreadsheet writes: UTF, or the code page of Western Europe, which no file names. */
function decode(bytes: Uint8Array): { text?: string; note?: string } {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b)
    return { note: 'This is a workbook. Copy its cells and paste them, or save it as CSV.' };
  try {
    return { text: new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const text = new TextDecoder('windows-1252').decode(bytes);
    return { text, note: 'The file is read as Windows-1252: see whether the names are right.' };
  }
}
