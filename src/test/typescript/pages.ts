/** All items of a list, page by page. */
export async function* all<P extends { nextPageToken?: string }, T>(
  page: (pageToken?: string) => Promise<P>,
  items: (page: P) => T[],
): AsyncGenerator<T> {
  let pageToken: string | undefined;
  do {
    const answer = await page(pageToken);
    yield* items(answer);
    pageToken = answer.nextPageToken;
  } while (pageToken !== undefined);
}
