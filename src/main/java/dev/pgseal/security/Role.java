package dev.pgseal.security;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a caller may do; what each role means for each operation is said at the operations, by
 * {@code @RolesAllowed}, and told in {@code docs/access.md}.
 */
public enum Role {
  /** Reads everything but secrets and tokens. */
  VIEWER(Name.VIEWER),
  /** Also changes managed servers: in effect a superuser of each. */
  OPERATOR(Name.OPERATOR),
  /** Also lets jobs that wait go on, and cancels; changes nothing otherwise. */
  APPROVER(Name.APPROVER),
  /** Everything. */
  ADMIN(Name.ADMIN);

  private final String word;

  Role(String word) {
    this.word = word;
  }

  /** The word for annotations and people, such as {@code viewer}. */
  public String word() {
    return word;
  }

  /** These roles with all that they imply: everybody is a viewer, an admin is everything. */
  public static Set<Role> implied(Collection<Role> roles) {
    if (roles.contains(ADMIN)) {
      return EnumSet.allOf(Role.class);
    }
    EnumSet<Role> all = EnumSet.noneOf(Role.class);
    all.addAll(roles);
    if (!all.isEmpty()) {
      all.add(VIEWER);
    }
    return all;
  }

  /** The words as constants: an annotation takes nothing else. */
  public static final class Name {
    public static final String VIEWER = "viewer";
    public static final String OPERATOR = "operator";
    public static final String APPROVER = "approver";
    public static final String ADMIN = "admin";

    private Name() {}
  }
}
