package dev.pgseal.security;

/**
 * Why somebody who proved who they are may do nothing here.
 *
 * @param detail a sentence for the caller
 * @param hint what to do about it
 */
public record Refusal(String detail, String hint) {

  /** The attribute of a security identity that holds the refusal. */
  public static final String ATTRIBUTE = "pgseal.refusal";
}
