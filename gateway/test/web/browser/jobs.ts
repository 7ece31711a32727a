/** Jobs made past the page, to be looked at in it. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Rig } from '../../http/rig.ts';

/** The id of a job that was submitted. */
export async function submit(rig: Rig, request: object): Promise<string> {
  const { status, body } = await rig.post('/v1/jobs', request);
  expect(status).toBe(202);
  return body.id;
}

/** Submits, waits for the end, and opens the result. */
export async function openJob(rig: Rig, page: Page, request: object): Promise<string> {
  const id = await submit(rig, request);
  await rig.get(`/v1/jobs/${id}/events`); // ends with the job
  await show(page, id);
  await page.waitForSelector('.transport');
  return id;
}

export async function show(page: Page, id: string): Promise<void> {
  await page.evaluate((id) => {
    location.hash = `#/jobs/${id}`;
  }, id);
  await page.waitForFunction((id) => document.querySelector('main')?.dataset.job === id, id);
}
