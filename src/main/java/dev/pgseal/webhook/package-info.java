/** Telling others: signed messages to URLs that an administrator named. */
@NullMarked
package dev.pgseal.webhook;

import org.jspecify.annotations.NullMarked;
