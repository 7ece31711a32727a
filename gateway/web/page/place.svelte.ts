/** Which job is looked at: the part of the address after `#`, so that it can be shared and gone back from. */
function jobOf(hash: string): string | null {
  return /^#\/jobs\/([0-9a-f-]{36})$/.exec(hash)?.[1] ?? null;
}

class Place {
  job: string | null = $state(jobOf(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.job = jobOf(location.hash);
    });
  }
}

export const place = new Place();

export function addressOf(jobId: string): string {
  return `#/jobs/${jobId}`;
}

export function goTo(jobId: string): void {
  location.hash = addressOf(jobId);
}
