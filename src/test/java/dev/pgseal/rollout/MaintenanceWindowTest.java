package dev.pgseal.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaintenanceWindowTest {

  private static final String BERLIN = "Europe/Berlin";

  /** 2026-11-29 is a Sunday. */
  @ParameterizedTest
  @CsvSource({
    "2026-11-29T00:59:59.999Z, false",
    "2026-11-29T01:00:00Z, true",
    "2026-11-29T04:59:59.999Z, true",
    "2026-11-29T05:00:00Z, false",
  })
  void itIsOpenFromItsStartUntilJustBeforeItsEnd(Instant time, boolean open) {
    assertThat(window("01:00", "05:00", null).contains(time)).isEqualTo(open);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-29T21:59:59Z, false, 2026-11-29T22:00:00Z",
    "2026-11-29T22:00:00Z, true, 2026-11-30T22:00:00Z",
    "2026-11-30T00:00:00Z, true, 2026-11-30T22:00:00Z",
    "2026-11-30T03:59:59Z, true, 2026-11-30T22:00:00Z",
    "2026-11-30T04:00:00Z, false, 2026-11-30T22:00:00Z",
  })
  void overMidnightItBelongsToTheDayOnWhichItStarts(Instant time, boolean open, Instant next) {
    MaintenanceWindow window = window("22:00", "04:00", null);

    assertThat(window.contains(time)).isEqualTo(open);
    assertThat(window.nextStart(time)).isEqualTo(next);
  }

  /** The window of Sunday lasts into Monday, and the one of Friday is none. */
  @ParameterizedTest
  @CsvSource({
    "2026-11-28T03:00:00Z, false, 2026-11-28T22:00:00Z",
    "2026-11-28T23:00:00Z, true, 2026-11-29T22:00:00Z",
    "2026-11-29T23:00:00Z, true, 2026-12-05T22:00:00Z",
    "2026-11-30T03:00:00Z, true, 2026-12-05T22:00:00Z",
    "2026-11-30T04:00:00Z, false, 2026-12-05T22:00:00Z",
    "2026-11-30T23:00:00Z, false, 2026-12-05T22:00:00Z",
  })
  void itOpensOnItsDaysOnly(Instant time, boolean open, Instant next) {
    MaintenanceWindow window = window("22:00", "04:00", null, DayOfWeek.SATURDAY, DayOfWeek.SUNDAY);

    assertThat(window.contains(time)).isEqualTo(open);
    assertThat(window.nextStart(time)).isEqualTo(next);
  }

  /** In Berlin 02:00 to 03:00 of 2026-03-29 is skipped at 01:00Z, of 2026-10-25 comes twice. */
  @ParameterizedTest
  @CsvSource({
    // winter and summer
    "22:00, 04:00, 2026-01-10T20:59:59Z, false, 2026-01-10T21:00:00Z",
    "22:00, 04:00, 2026-07-10T19:59:59Z, false, 2026-07-10T20:00:00Z",
    // the night in which the clocks are put forward is an hour shorter
    "22:00, 04:00, 2026-03-29T01:59:59Z, true, 2026-03-29T20:00:00Z",
    "22:00, 04:00, 2026-03-29T02:00:00Z, false, 2026-03-29T20:00:00Z",
    // and the one in which they are put back an hour longer
    "22:00, 04:00, 2026-10-25T02:59:59Z, true, 2026-10-25T21:00:00Z",
    "22:00, 04:00, 2026-10-25T03:00:00Z, false, 2026-10-25T21:00:00Z",
    // a start that is skipped
    "02:30, 05:00, 2026-03-29T00:59:59Z, false, 2026-03-29T01:00:00Z",
    "02:30, 05:00, 2026-03-29T01:00:00Z, true, 2026-03-30T00:30:00Z",
    // an end that is skipped
    "01:30, 02:30, 2026-03-29T00:59:59Z, true, 2026-03-29T23:30:00Z",
    "01:30, 02:30, 2026-03-29T01:00:00Z, false, 2026-03-29T23:30:00Z",
    // skipped as a whole
    "02:10, 02:50, 2026-03-29T00:59:59Z, false, 2026-03-30T00:10:00Z",
    "02:10, 02:50, 2026-03-29T01:00:00Z, false, 2026-03-30T00:10:00Z",
    // what comes twice counts once
    "02:10, 02:50, 2026-10-25T00:10:00Z, true, 2026-10-26T01:10:00Z",
    "02:10, 02:50, 2026-10-25T01:10:00Z, false, 2026-10-26T01:10:00Z",
  })
  void itGoesByTheClockOnTheWallWhereClocksChange(
      String start, String end, Instant time, boolean open, Instant next) {
    MaintenanceWindow window = window(start, end, BERLIN);

    assertThat(window.contains(time)).isEqualTo(open);
    assertThat(window.nextStart(time)).isEqualTo(next);
  }

  @Test
  void aWindowThatIsSkippedOnItsOnlyDayOpensAWeekLater() {
    MaintenanceWindow window = window("02:10", "02:50", BERLIN, DayOfWeek.SUNDAY);

    assertThat(window.nextStart(Instant.parse("2026-03-28T12:00:00Z")))
        .isEqualTo(Instant.parse("2026-04-05T00:10:00Z"));
  }

  @Test
  void aWindowOfNoTimeIsRefused() {
    assertThatThrownBy(() -> window("22:00", "22:00", null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Whatever the window and the zone: it opens at nextStart, and was closed just before. */
  @Test
  void theNextStartIsTheFirstInstantAtWhichItIsOpenAgain() {
    long seed = Long.getLong("pgseal.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> zones = ZoneId.getAvailableZoneIds().stream().sorted().toList();
    for (int i = 0; i < 3000; i++) {
      int start = random.nextInt(1440);
      MaintenanceWindow window =
          new MaintenanceWindow(
              LocalTime.ofSecondOfDay(start * 60L),
              LocalTime.ofSecondOfDay((start + 1 + random.nextInt(1438)) % 1440 * 60L),
              ZoneId.of(zones.get(random.nextInt(zones.size()))),
              random.nextBoolean() ? null : List.of(DayOfWeek.of(1 + random.nextInt(7))));
      Instant time =
          Instant.parse("2026-01-01T00:00:00Z")
              .plusSeconds(random.nextInt((int) Duration.ofDays(365).toSeconds()));
      Instant next = window.nextStart(time);
      String as = "-Dpgseal.seed=" + seed + ": " + window + " at " + time;

      assertThat(next).as(as).isAfter(time).isBefore(time.plus(Duration.ofDays(16)));
      assertThat(window.contains(next)).as(as).isTrue();
      if (!window.contains(time)) {
        Instant between = time.plus(Duration.between(time, next).dividedBy(2));
        assertThat(window.contains(between)).as(as + ", " + between).isFalse();
        assertThat(window.contains(next.minusMillis(1))).as(as).isFalse();
      }
    }
  }

  @Test
  void itSaysWhatItIs() {
    assertThat(window("22:00", "04:00", BERLIN, DayOfWeek.SUNDAY, DayOfWeek.SATURDAY))
        .hasToString("22:00 to 04:00 Europe/Berlin on SATURDAY, SUNDAY");
    assertThat(window("01:00", "05:00", null)).hasToString("01:00 to 05:00 UTC");
  }

  private static MaintenanceWindow window(
      String start, String end, @Nullable String zone, DayOfWeek... days) {
    return new MaintenanceWindow(
        LocalTime.parse(start),
        LocalTime.parse(end),
        zone == null ? null : ZoneId.of(zone),
        List.of(days));
  }
}
