package dev.pgseal.bench;

/** Where a control database is. */
record Database(String url, String user, String password) {

  @Override
  public String toString() {
    return "Database[" + url + "]";
  }
}
