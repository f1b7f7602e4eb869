package dev.pgseal.hba;

/**
 * One change that a conversion made; plain values, to be stored and taken back later.
 *
 * @param line line number, before the conversion, of the first physical line concerned
 * @param before byte text of the line as it was, without its last line end; empty when lines were
 *     added
 * @param after byte text of what stands there now, without the last line end; may be several lines
 * @param reason a sentence for people
 */
public record HbaEdit(String file, int line, String before, String after, String reason) {}
