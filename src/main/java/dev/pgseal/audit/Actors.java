package dev.pgseal.audit;

/** Who acts in this thread. */
public final class Actors {

  private static final ThreadLocal<Actor> CURRENT = ThreadLocal.withInitial(() -> Actor.ITSELF);

  private Actors() {}

  public static Actor current() {
    return CURRENT.get();
  }

  /** Acts as somebody until the scope is closed, by the same thread. */
  public static Scope as(Actor actor) {
    Actor before = CURRENT.get();
    CURRENT.set(actor);
    return () -> CURRENT.set(before);
  }

  /** Ends with {@link #close}. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
