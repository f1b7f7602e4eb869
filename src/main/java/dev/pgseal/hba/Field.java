package dev.pgseal.hba;

import java.util.List;

/**
 * A comma list of tokens.
 *
 * @param start offset of its first byte in the logical line
 * @param end offset behind its last byte in the logical line
 */
record Field(List<HbaToken> tokens, int start, int end) {

  Field {
    tokens = tokens.size() == 1 ? tokens.get(0).alone() : List.copyOf(tokens);
  }

  HbaToken first() {
    return tokens.get(0);
  }
}
