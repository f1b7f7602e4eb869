package dev.pgseal.hba;

/**
 * One or more physical lines that PostgreSQL reads as one.
 *
 * @param start offset in the file of the first byte
 * @param end offset behind the last byte, line ends included
 * @param number what PostgreSQL reports as its line number
 * @param text joined text without line ends
 * @param seams pairs (offset in text, offset in file): from there on the two run side by side
 */
record LogicalLine(int start, int end, int number, String text, int[] seams) {

  /** Where in the file the byte at this offset of the text is. */
  int fileOffset(int textOffset) {
    int found = start + textOffset;
    for (int i = 0; i < seams.length && seams[i] <= textOffset; i += 2) {
      found = seams[i + 1] + textOffset - seams[i];
    }
    return found;
  }
}
