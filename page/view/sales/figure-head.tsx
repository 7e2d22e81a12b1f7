/** The head of a table of figures. */

interface FigureHeadProps {
  /** What its rows are. */
  of: string;
  figures: readonly string[];
  /** The figure that a narrow page leaves out. */
  wide?: string;
}

export function FigureHead({ of, figures, wide }: FigureHeadProps) {
  return (
    <thead>
      <tr>
        <th scope="col">{of}</th>
        {figures.map(figure => (
          <th key={figure} scope="col" class={figure === wide ? 'figure-cell wide' : 'figure-cell'}>
            {figure}
          </th>
        ))}
      </tr>
    </thead>
  );
}
