package dev.latchkey.scope;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

@Path("/v3/scopes")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Scopes", description = "What a token can be permitted to do")
public class ScopeResource {

    private final List<Group> groups;

    public ScopeResource(ScopeCatalogue catalogue) {
        groups = catalogue.all().stream()
                .collect(Collectors.groupingBy(Scope::resource, TreeMap::new, Collectors.toList()))
                .entrySet().stream().map(entry -> Group.of(entry.getKey(), entry.getValue())).toList();
    }

    @GET
    @PermitAll
    @SecurityRequirementsSet({})
    @Operation(operationId = "listScopes", summary = "List all scopes", description = "All scopes that exist, grouped by resource, "
            + "with what each permits: the 29 built-in ones and those that the operator added.")
    public List<Group> list() {
        return groups;
    }

    @Schema(name = "ScopeGroup", description = "The scopes of one resource")
    public record Group(@Schema(examples = "license") String resource, List<Entry> scopes) {

        static Group of(String resource, Collection<Scope> scopes) {
            return new Group(resource, scopes.stream().map(s -> new Entry(s.name(), s.action(), s.description())).toList());
        }
    }

    @Schema(name = "Scope")
    public record Entry(@Schema(examples = "license:read") String name, @Schema(examples = "read") String action,
            @Schema(examples = "Read-only access to all the licenses.") String description) {
    }
}
