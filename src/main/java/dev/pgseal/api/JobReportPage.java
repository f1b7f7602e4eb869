package dev.pgseal.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The report as one page that can be printed and kept: no script, nothing that is loaded from
 * elsewhere. All that comes from servers and callers is escaped.
 */
final class JobReportPage {

  private static final String STYLE =
      """
      body{font:14px/1.45 sans-serif;margin:2em auto;max-width:60em;padding:0 1em}
      h1{font-size:1.5em}h2{font-size:1.2em;border-top:1px solid #999;padding-top:.8em}
      table{border-collapse:collapse;width:100%;margin:.6em 0}
      th,td{text-align:left;vertical-align:top;padding:.25em .6em;border:1px solid #ccc}
      th{background:#f3f3f3;font-weight:600}
      pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f7f7f7;padding:.6em;font-size:12px}
      td{overflow-wrap:anywhere}
      @media print{body{margin:0;max-width:none}h2,tr,pre{break-inside:avoid}}
      """;

  private JobReportPage() {}

  /** What a Content-Security-Policy must allow for the page: its own style and nothing else. */
  static String policy() {
    return "default-src 'none'; style-src 'sha256-%s'; frame-ancestors 'none'"
        .formatted(styleDigest());
  }

  private static String styleDigest() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(STYLE.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String html(JobReport report) {
    StringBuilder body = new StringBuilder();
    body.append("<h1>").append(text(report.kind() + ": " + report.summary())).append("</h1>\n");
    row(
        body,
        new String[][] {
          {"Job", report.job().toString()},
          {"State", report.state().name()},
          {"Requested by", report.requestedBy()},
          {"Approved by", by(report.approvedBy(), report.approvedAt())},
          {"Cancelled by", report.cancelledBy()},
          {"Created", time(report.times().createdAt())},
          {"Ended", time(report.times().finishedAt())},
          {"Proved at", time(report.provedAt())},
          {"Took", took(report.times().totalSeconds())},
          {"Of these waiting for a person", took(report.times().waitingForAPersonSeconds())},
          {"Problem", problem(report.problem())},
        });
    report.servers().forEach(server -> server(body, server));
    if (!report.otherSteps().isEmpty()) {
      body.append("<h2>Other steps</h2>\n");
      steps(body, report.otherSteps());
    }
    body.append("<h2>Who did what, when</h2>\n<table>\n<tr><th>Time</th><th>State</th>")
        .append("<th>Actor</th></tr>\n");
    report.transitions().forEach(t -> cells(body, time(t.time()), t.state().name(), t.actor()));
    body.append("</table>\n");
    return page("Report of job " + report.job(), body.toString());
  }

  private static void server(StringBuilder body, JobReport.ServerReport server) {
    body.append("<h2>").append(text(server.server() + ": " + JobReports.words(server.outcome())));
    body.append("</h2>\n");
    JobReport.CertificateEvidence certificate = server.certificate();
    JobReport.SessionsEvidence sessions = server.sessions();
    JobReport.StreamEvidence stream = server.replication();
    row(
        body,
        new String[][] {
          {"Mode seen from outside", server.mode()},
          {"Proved at", time(server.provedAt())},
          {"Certificate, SHA-256", certificate == null ? null : certificate.fingerprint()},
          {"  its names", certificate == null ? null : joined(certificate.subjectAltNames())},
          {"  valid until", certificate == null ? null : time(certificate.notAfter())},
          {"  key made", certificate == null ? null : certificate.keyOrigin()},
          {"  protocol", certificate == null ? null : certificate.protocol()},
          {"Sessions before", sessions == null ? null : counts(sessions.before())},
          {"Sessions after", sessions == null ? null : counts(sessions.after())},
          {"Replication, sslmode", stream == null ? null : stream.sslmode()},
          {"  remark", stream == null ? null : stream.remark()},
          {"  proved beforehand", stream == null ? null : joined(stream.tried())},
          {"Standbys that nobody named, ended", joined(server.unregisteredStandbys())},
          {"Remarks", joined(server.remarks())},
        });
    if (!server.probes().isEmpty()) {
      body.append("<table>\n<tr><th>Tried from outside</th><th>Answer</th></tr>\n");
      server.probes().forEach(probe -> cells(body, probe.probe(), probe.answer()));
      body.append("</table>\n");
    }
    for (JobReport.RulesEvidence rules : server.rules()) {
      body.append("<p>pg_hba.conf, before and after:</p>\n<pre>")
          .append(text(rules.diff()))
          .append("</pre>\n");
      rules.remarks().forEach(r -> body.append("<p>").append(text(r)).append("</p>\n"));
    }
    steps(body, server.steps());
  }

  private static void steps(StringBuilder body, List<JobReport.StepReport> steps) {
    body.append("<table>\n<tr><th>Step</th><th>State</th><th>Began</th><th>Took</th></tr>\n");
    for (JobReport.StepReport step : steps) {
      String problem = problem(step.problem());
      cells(
          body,
          step.description() + (problem == null ? "" : ": " + problem),
          step.state().name(),
          time(step.startedAt()),
          took(step.tookSeconds()));
    }
    body.append("</table>\n");
  }

  /** A table of names and values; what is null is left out. */
  private static void row(StringBuilder body, @Nullable String[][] rows) {
    body.append("<table>\n");
    for (@Nullable String[] row : rows) {
      if (row[1] != null && !row[1].isEmpty()) {
        body.append("<tr><th>").append(text(row[0])).append("</th><td>").append(text(row[1]));
        body.append("</td></tr>\n");
      }
    }
    body.append("</table>\n");
  }

  private static void cells(StringBuilder body, @Nullable String... cells) {
    body.append("<tr>");
    for (String cell : cells) {
      body.append("<td>").append(text(cell)).append("</td>");
    }
    body.append("</tr>\n");
  }

  private static @Nullable String problem(@Nullable Problem problem) {
    return problem == null ? null : problem.title() + ": " + problem.detail();
  }

  private static @Nullable String by(@Nullable String who, @Nullable Instant when) {
    return who == null ? null : who + ", " + time(when);
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static @Nullable String took(@Nullable Double seconds) {
    return seconds == null ? null : String.format(Locale.ROOT, "%.3f s", seconds);
  }

  private static @Nullable String joined(@Nullable List<String> list) {
    return list == null ? null : String.join("; ", list);
  }

  private static String counts(Map<String, Object> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
  }

  private static String page(String title, String body) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>"
        + text(title)
        + " – pgseal</title>\n<style>"
        + STYLE
        + "</style></head>\n<body>\n"
        + body
        + "</body>\n</html>\n";
  }

  private static String text(@Nullable String text) {
    return text == null
        ? ""
        : text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;")
            .replace("'", "&#39;");
  }
}
