/** Collects what a command writes. */
export class Collected {
  text = '';

  write(text: string): void {
    this.text += text;
  }
}
