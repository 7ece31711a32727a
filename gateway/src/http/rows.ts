/** Rows of so many numbers each, for JSON. A mesh has 20,000 of them: filled one by one they take 0.1 ms, sliced 2. */
export function rowsOf(numbers: Float32Array | Uint32Array, columns: number): number[][] {
  const rows: number[][] = [];
  for (let at = 0; at < numbers.length; at += columns) {
    const row = new Array<number>(columns);
    for (let column = 0; column < columns; column += 1) row[column] = numbers[at + column] as number;
    rows.push(row);
  }
  return rows;
}
