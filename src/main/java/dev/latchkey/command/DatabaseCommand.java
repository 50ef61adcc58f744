package dev.latchkey.command;

import java.util.function.BiFunction;

import dev.latchkey.account.Bootstrap;
import dev.latchkey.scope.ScopeCatalogue;

/** Runs a command's work on the database and answers its exit code. */
@FunctionalInterface
public interface DatabaseCommand {

    int run(BiFunction<Bootstrap, ScopeCatalogue, Integer> work);
}
