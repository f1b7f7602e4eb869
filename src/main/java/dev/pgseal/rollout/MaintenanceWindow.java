package dev.pgseal.rollout;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A time of day, on some days of the week, at which a rollout may begin to change something.
 *
 * <p>Where the clocks change: of a time that comes twice the first one counts; in place of a time
 * that is skipped counts the instant at which the clocks are put forward. A window that is skipped
 * as a whole does not open on that day.
 *
 * @param start when it opens
 * @param end when it closes: on the next day when that is not after {@code start}
 * @param timeZone in which {@code start} and {@code end} are meant; UTC when null
 * @param days on which it opens, in order; every day when null or empty
 */
public record MaintenanceWindow(
    LocalTime start, LocalTime end, @Nullable ZoneId timeZone, @Nullable List<DayOfWeek> days) {

  /** Clocks change twice a year: a window that is skipped this week opens in the next one. */
  private static final int DAYS_AHEAD = 21;

  /**
   * @throws IllegalArgumentException when {@code start} is {@code end}: nobody could tell whether
   *     that is a whole day or nothing
   */
  public MaintenanceWindow {
    if (start.equals(end)) {
      throw new IllegalArgumentException("A maintenance window that ends when it starts");
    }
    days = days == null || days.isEmpty() ? null : List.copyOf(new TreeSet<>(days));
  }

  /** From the first instant of the window on, and not at its end any more. */
  public boolean contains(Instant time) {
    LocalDate today = time.atZone(zone()).toLocalDate();
    // one that opened yesterday may still be open
    return opensAndContains(today, time) || opensAndContains(today.minusDays(1), time);
  }

  private boolean opensAndContains(LocalDate day, Instant time) {
    return opensOn(day) && !time.isBefore(startOn(day)) && time.isBefore(endOf(day));
  }

  /** The next instant at which it opens; after {@code time}, also when it is open then. */
  public Instant nextStart(Instant time) {
    LocalDate today = time.atZone(zone()).toLocalDate();
    for (int i = 0; i <= DAYS_AHEAD; i++) {
      LocalDate day = today.plusDays(i);
      if (opensOn(day) && startOn(day).isAfter(time) && startOn(day).isBefore(endOf(day))) {
        return startOn(day);
      }
    }
    throw new IllegalStateException(this + " never opens");
  }

  private boolean opensOn(LocalDate day) {
    return days == null || days.contains(day.getDayOfWeek());
  }

  private Instant startOn(LocalDate day) {
    return at(day.atTime(start));
  }

  private Instant endOf(LocalDate day) {
    return at((end.isAfter(start) ? day : day.plusDays(1)).atTime(end));
  }

  private Instant at(LocalDateTime local) {
    ZoneOffsetTransition transition = zone().getRules().getTransition(local);
    return transition != null && transition.isGap()
        ? transition.getInstant()
        : local.atZone(zone()).toInstant();
  }

  private ZoneId zone() {
    return timeZone == null ? ZoneOffset.UTC : timeZone;
  }

  /** Such as {@code 22:00 to 04:00 Europe/Berlin on SATURDAY, SUNDAY}. */
  @Override
  public String toString() {
    String on =
        days == null
            ? ""
            : " on " + String.join(", ", days.stream().map(DayOfWeek::toString).toList());
    return "%s to %s %s%s".formatted(start, end, timeZone == null ? "UTC" : timeZone, on);
  }
}
