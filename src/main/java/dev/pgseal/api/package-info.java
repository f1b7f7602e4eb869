/** HTTP: resources, request and response records, problem mapping, server-sent events. */
@NullMarked
package dev.pgseal.api;

import org.jspecify.annotations.NullMarked;
