package dev.pgseal.api;

import dev.pgseal.hba.HbaAddress;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaError;
import dev.pgseal.hba.HbaInclude;
import dev.pgseal.hba.HbaOption;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.HbaToken;
import dev.pgseal.tls.HbaLoader;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A server's pg_hba.conf as rules, in the order in which PostgreSQL looks at them. Passwords and
 * shared secrets in it are masked for whoever may not change it.
 *
 * @param etag of the bytes of all files; goes into {@code If-Match} of a change
 * @param generation the number in pgseal's sentinel line; null when there is none
 * @param errors lines because of which PostgreSQL would refuse the file
 * @param includes other files that it refers to
 */
@Schema(name = "Hba")
public record HbaView(
    String path,
    String etag,
    @Nullable Long generation,
    List<Rule> rules,
    List<HbaError> errors,
    List<HbaInclude> includes) {

  /**
   * @param id for changing this rule; stays while the line's own bytes do
   * @param address as a word ({@code all}, {@code samehost}, {@code samenet}), a network or a host
   *     name; null for {@code local}
   * @param origin {@code PGSEAL} for the sentinel line, else {@code FILE}
   * @param cannotMatch why the rule loads but can never match; null when it can
   */
  @Schema(name = "HbaRule")
  public record Rule(
      String id,
      String file,
      int line,
      String type,
      List<HbaToken> databases,
      List<HbaToken> users,
      @Nullable String address,
      @Nullable String netmask,
      String method,
      List<HbaOption> options,
      @Nullable String comment,
      String text,
      Origin origin,
      @Nullable String cannotMatch) {

    /** The same with that many words of each list and that many characters of each text at most. */
    Rule shortened(int words, int characters) {
      return new Rule(
          id,
          file,
          line,
          type,
          words(databases, words, characters),
          words(users, words, characters),
          address == null ? null : HbaText.shortened(address, characters),
          netmask,
          method,
          options.stream()
              .limit(words)
              .map(o -> new HbaOption(o.name(), HbaText.shortened(o.value(), characters)))
              .toList(),
          comment == null ? null : HbaText.shortened(comment, characters),
          HbaText.shortened(text, characters),
          origin,
          cannotMatch == null ? null : HbaText.shortened(cannotMatch, characters));
    }

    private static List<HbaToken> words(List<HbaToken> tokens, int words, int characters) {
      return tokens.stream()
          .limit(words)
          .map(t -> new HbaToken(HbaText.shortened(t.text(), characters), t.quoted()))
          .toList();
    }
  }

  /** Whose line it is. */
  @Schema(name = "HbaRuleOrigin")
  public enum Origin {
    FILE,
    PGSEAL
  }

  static HbaView of(HbaLoader.Loaded loaded, boolean withSecrets) {
    HbaDocument document = loaded.document();
    OptionalLong generation = HbaSentinel.generation(document);
    return new HbaView(
        loaded.onDisk().path(),
        loaded.tag(),
        generation.isPresent() ? generation.getAsLong() : null,
        document.rules().stream().map(rule -> rule(rule, withSecrets)).toList(),
        document.errors().stream().map(error -> error(error, withSecrets)).toList(),
        document.includes());
  }

  static Rule rule(HbaRule rule, boolean withSecrets) {
    HbaAddress address = rule.address();
    return new Rule(
        rule.id(),
        rule.file(),
        rule.line(),
        rule.type().keyword(),
        readable(rule.databases()),
        readable(rule.users()),
        address == null ? null : text(address),
        address instanceof HbaAddress.Network network ? network.mask().getHostAddress() : null,
        rule.method(),
        withSecrets
            ? rule.options()
            : rule.options().stream()
                .map(option -> new HbaOption(option.name(), option.shownValue()))
                .toList(),
        rule.comment() == null ? null : text(rule.comment(), withSecrets),
        text(rule.text(), withSecrets),
        HbaSentinel.isSentinel(rule) ? Origin.PGSEAL : Origin.FILE,
        rule.cannotMatch());
  }

  static HbaError error(HbaError error, boolean withSecrets) {
    return withSecrets
        ? error
        : new HbaError(
            error.file(),
            error.line(),
            error.column(),
            HbaText.toShown(error.message()),
            error.viewError() == null ? null : HbaText.toShown(error.viewError()),
            HbaText.toShown(error.text()));
  }

  private static String text(String byteText, boolean withSecrets) {
    return withSecrets ? HbaText.toReadable(byteText) : HbaText.toShown(byteText);
  }

  private static List<HbaToken> readable(List<HbaToken> tokens) {
    return tokens.stream()
        .map(token -> new HbaToken(HbaText.toReadable(token.text()), token.quoted()))
        .toList();
  }

  private static String text(HbaAddress address) {
    if (address instanceof HbaAddress.Network network) {
      return network.ip().getHostAddress();
    }
    if (address instanceof HbaAddress.HostName name) {
      return HbaText.toReadable(name.name());
    }
    return address.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }
}
