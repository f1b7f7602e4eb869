package dev.pgseal.hba;

/** One {@code name=value} behind the method; of two with one name the later wins. */
public record HbaOption(String name, String value) {}
