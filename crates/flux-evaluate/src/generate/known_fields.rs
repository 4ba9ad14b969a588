//! The fields of a kustomization file with their types. Only these survive when Flux reads the file and writes it back.
//!
//! From <https://pkg.go.dev/sigs.k8s.io/kustomize/api/types#Kustomization>.

/// The type of a field.
#[derive(Debug)]
pub(super) enum Kind {
    /// A string. Numbers and booleans become their text.
    Text,
    /// A boolean or a number, which does not change.
    Scalar,
    /// A mapping of strings.
    TextMap,
    /// Anything.
    Any,
    /// A list.
    List(&'static Kind),
    /// A mapping with known fields.
    Object(&'static [Field]),
}

/// One field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: &'static Kind,
}

macro_rules! object {
    ($visibility:vis $name:ident: $($field:literal $kind:expr),* $(,)?) => {
        $visibility static $name: Kind = Kind::Object(&[$(Field { name: $field, kind: &$kind }),*]);
    };
}

static TEXT: Kind = Kind::Text;
static TEXTS: Kind = Kind::List(&TEXT);
static SCALAR: Kind = Kind::Scalar;
static TEXT_MAP: Kind = Kind::TextMap;
static ANY: Kind = Kind::Any;

object! { METADATA: "name" TEXT, "namespace" TEXT, "labels" TEXT_MAP, "annotations" TEXT_MAP }
object! { FIELD_SPEC: "group" TEXT, "version" TEXT, "kind" TEXT, "path" TEXT, "create" SCALAR }
object! { LABEL:
    "pairs" TEXT_MAP, "includeSelectors" SCALAR, "includeTemplates" SCALAR, "includeVolumeClaimTemplates" SCALAR,
    "fields" Kind::List(&FIELD_SPEC),
}
object! { SELECTOR:
    "group" TEXT, "version" TEXT, "kind" TEXT, "name" TEXT, "namespace" TEXT, "annotationSelector" TEXT,
    "labelSelector" TEXT,
}
object! { PATCH_OPTIONS: "allowNameChange" SCALAR, "allowKindChange" SCALAR }
object! { PATCH: "path" TEXT, "patch" TEXT, "target" SELECTOR, "options" PATCH_OPTIONS }
object! { IMAGE: "name" TEXT, "newName" TEXT, "tagSuffix" TEXT, "newTag" TEXT, "digest" TEXT }
object! { FIELD_OPTIONS: "delimiter" TEXT, "index" SCALAR, "encoding" TEXT, "create" SCALAR }
object! { SOURCE:
    "group" TEXT, "version" TEXT, "kind" TEXT, "name" TEXT, "namespace" TEXT, "fieldPath" TEXT, "options" FIELD_OPTIONS,
}
object! { TARGET:
    "select" SELECTOR, "reject" Kind::List(&SELECTOR), "fieldPaths" TEXTS, "options" FIELD_OPTIONS,
}
object! { REPLACEMENT: "source" SOURCE, "targets" Kind::List(&TARGET), "sourceValue" TEXT, "path" TEXT }
object! { REPLICA: "name" TEXT, "count" SCALAR }
object! { OBJECT_REFERENCE:
    "apiVersion" TEXT, "group" TEXT, "version" TEXT, "kind" TEXT, "name" TEXT, "namespace" TEXT,
}
object! { FIELD_REFERENCE: "fieldPath" TEXT }
object! { VAR: "name" TEXT, "objref" OBJECT_REFERENCE, "fieldref" FIELD_REFERENCE }
object! { LEGACY_SORT: "orderFirst" TEXTS, "orderLast" TEXTS }
object! { SORT_OPTIONS: "order" TEXT, "legacySortOptions" LEGACY_SORT }
object! { GENERATOR_OPTIONS:
    "labels" TEXT_MAP, "annotations" TEXT_MAP, "disableNameSuffixHash" SCALAR, "immutable" SCALAR,
}
object! { GENERATOR:
    "namespace" TEXT, "name" TEXT, "behavior" TEXT, "literals" TEXTS, "files" TEXTS, "envs" TEXTS, "env" TEXT,
    "options" GENERATOR_OPTIONS,
}
object! { SECRET_GENERATOR:
    "namespace" TEXT, "name" TEXT, "behavior" TEXT, "literals" TEXTS, "files" TEXTS, "envs" TEXTS, "env" TEXT,
    "options" GENERATOR_OPTIONS, "type" TEXT,
}
object! { HELM_GLOBALS: "chartHome" TEXT, "configHome" TEXT }
object! { HELM_CHART:
    "name" TEXT, "version" TEXT, "repo" TEXT, "releaseName" TEXT, "namespace" TEXT, "additionalValuesFiles" TEXTS,
    "valuesFile" TEXT, "valuesInline" ANY, "valuesMerge" TEXT, "includeCRDs" SCALAR, "skipHooks" SCALAR,
    "apiVersions" TEXTS, "kubeVersion" TEXT, "nameTemplate" TEXT, "skipTests" SCALAR, "debug" SCALAR, "devel" SCALAR,
}
object! { HELM_CHART_INFLATION:
    "chartName" TEXT, "chartVersion" TEXT, "chartRepoUrl" TEXT, "chartHome" TEXT, "chartRepoName" TEXT, "helmBin" TEXT,
    "helmHome" TEXT, "values" TEXT, "valuesLocal" ANY, "valuesMerge" TEXT, "releaseName" TEXT,
    "releaseNamespace" TEXT, "extraArgs" TEXTS,
}

// A kustomization file.
object! { pub(super) KUSTOMIZATION:
    "kind" TEXT, "apiVersion" TEXT, "metadata" METADATA, "openapi" TEXT_MAP, "namePrefix" TEXT, "nameSuffix" TEXT,
    "namespace" TEXT, "commonLabels" TEXT_MAP, "labels" Kind::List(&LABEL), "commonAnnotations" TEXT_MAP,
    "patchesStrategicMerge" TEXTS, "patchesJson6902" Kind::List(&PATCH), "patches" Kind::List(&PATCH),
    "images" Kind::List(&IMAGE), "imageTags" Kind::List(&IMAGE), "replacements" Kind::List(&REPLACEMENT),
    "replicas" Kind::List(&REPLICA), "vars" Kind::List(&VAR), "sortOptions" SORT_OPTIONS, "resources" TEXTS,
    "components" TEXTS, "crds" TEXTS, "bases" TEXTS, "configMapGenerator" Kind::List(&GENERATOR),
    "secretGenerator" Kind::List(&SECRET_GENERATOR), "helmGlobals" HELM_GLOBALS, "helmCharts" Kind::List(&HELM_CHART),
    "helmChartInflationGenerator" Kind::List(&HELM_CHART_INFLATION), "generatorOptions" GENERATOR_OPTIONS,
    "configurations" TEXTS, "generators" TEXTS, "transformers" TEXTS, "validators" TEXTS, "buildMetadata" TEXTS,
}
