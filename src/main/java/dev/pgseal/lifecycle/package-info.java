/**
 * Certificates over the years: renewed, their authorities rotated, revoked. Each is a job of steps
 * that are proved from outside.
 */
@NullMarked
package dev.pgseal.lifecycle;

import org.jspecify.annotations.NullMarked;
