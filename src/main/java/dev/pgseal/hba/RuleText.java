package dev.pgseal.hba;

/** Writes one rule's line anew with some of its words changed and all other bytes kept. */
final class RuleText {

  private final HbaRule rule;
  private final TokenizedLine line;
  private final String content;
  private final int start;
  private final int end;

  RuleText(HbaRule rule, TokenizedLine line) {
    this.rule = rule;
    this.line = line;
    this.content = line.source().content();
    this.start = line.line().start();
    this.end = HbaEditor.bodyEnd(line);
  }

  /** The line as it is, without its last line end. */
  String unchanged() {
    return content.substring(start, end);
  }

  /**
   * The line with another connection type; blanks behind it give way while more than one is left.
   */
  String withType(ConnectionType type) {
    return typed(type) + content.substring(afterType(type), end);
  }

  /** A line of its own for a part of the rule: another type and address, and no comment. */
  String copy(ConnectionType type, String address, String comment) {
    Field first = addressField();
    String head = typed(type) + content.substring(afterType(type), offset(first.start())) + address;
    return head + withoutComment(lastByte(lastAddressField())) + "  # " + comment;
  }

  /** The same with the address as it is. */
  String copy(ConnectionType type, String comment) {
    return typed(type) + withoutComment(afterType(type)) + "  # " + comment;
  }

  private String typed(ConnectionType type) {
    return content.substring(start, offset(line.fields().get(0).start())) + type.keyword();
  }

  /** Where the bytes behind the type go on, some blanks eaten to keep the columns. */
  private int afterType(ConnectionType type) {
    Field field = line.fields().get(0);
    int behind = lastByte(field);
    int longer = type.keyword().length() - (behind - offset(field.start()));
    int blanks = 0;
    while (behind + blanks < end && content.charAt(behind + blanks) == ' ') {
      blanks++;
    }
    return longer > 0 && blanks > longer ? behind + longer : behind;
  }

  /** Up to the last field: a continuation before the comment would join the text added. */
  private String withoutComment(int from) {
    return content.substring(from, lastByte(line.fields().get(line.fields().size() - 1)));
  }

  private Field addressField() {
    return line.fields().get(3);
  }

  /** The mask is a field of its own when the address has none. */
  private Field lastAddressField() {
    boolean hasMask =
        rule.address() instanceof HbaAddress.Network
            && !addressField().first().text().contains("/");
    return hasMask ? line.fields().get(4) : addressField();
  }

  private int offset(int textOffset) {
    return line.line().fileOffset(textOffset);
  }

  private int lastByte(Field field) {
    return offset(field.end() - 1) + 1;
  }
}
