//! The default field specs of kustomize 5.8.2, by field of a `configurations` file, in the order in which they apply.
//!
//! Source: <https://github.com/kubernetes-sigs/kustomize/tree/api/v0.21.2/api/internal/konfig/builtinpluginconsts>.

use super::specs;

specs! { NAME_PREFIX
    update "" "" "" "metadata/name";
}

specs! { NAME_SUFFIX
    update "" "" "" "metadata/name";
}

specs! { NAMESPACE
    create "" "" "Namespace" "metadata/name";
    update "apiextensions.k8s.io" "" "CustomResourceDefinition" "spec/conversion/webhook/clientConfig/service/namespace";
    create "apiregistration.k8s.io" "" "APIService" "spec/service/namespace";
}

specs! { COMMON_LABELS
    create "" "v1" "Service" "spec/selector";
    update "apps" "" "Deployment" "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels";
    update "apps" "" "Deployment" "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels";
    update "apps" "" "Deployment" "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels";
    update "apps" "" "Deployment" "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels";
    update "apps" "" "Deployment" "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels";
    create "" "" "Deployment" "spec/template/metadata/labels";
    create "" "" "Deployment" "spec/selector/matchLabels";
    create "apps" "" "StatefulSet" "spec/selector/matchLabels";
    update "apps" "" "StatefulSet" "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels";
    update "apps" "" "StatefulSet" "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels";
    update "apps" "" "StatefulSet" "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels";
    update "apps" "" "StatefulSet" "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels";
    update "apps" "" "StatefulSet" "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels";
    create "apps" "" "StatefulSet" "spec/volumeClaimTemplates[]/metadata/labels";
    create "apps" "" "StatefulSet" "spec/template/metadata/labels";
    create "batch" "" "CronJob" "spec/jobTemplate/metadata/labels";
    create "batch" "" "CronJob" "spec/jobTemplate/spec/template/metadata/labels";
    update "batch" "" "CronJob" "spec/jobTemplate/spec/selector/matchLabels";
    update "policy" "" "PodDisruptionBudget" "spec/selector/matchLabels";
    update "batch" "" "Job" "spec/selector/matchLabels";
    create "batch" "" "Job" "spec/template/metadata/labels";
    update "networking.k8s.io" "" "NetworkPolicy" "spec/egress/to/podSelector/matchLabels";
    update "networking.k8s.io" "" "NetworkPolicy" "spec/ingress/from/podSelector/matchLabels";
    update "networking.k8s.io" "" "NetworkPolicy" "spec/podSelector/matchLabels";
    create "" "v1" "ReplicationController" "spec/template/metadata/labels";
    create "" "v1" "ReplicationController" "spec/selector";
    create "" "" "DaemonSet" "spec/template/metadata/labels";
    create "" "" "DaemonSet" "spec/selector/matchLabels";
    create "" "" "ReplicaSet" "spec/template/metadata/labels";
    create "" "" "ReplicaSet" "spec/selector/matchLabels";
    create "" "" "" "metadata/labels";
}

specs! { TEMPLATE_LABELS
    create "" "" "Deployment" "spec/template/metadata/labels";
    create "apps" "" "StatefulSet" "spec/template/metadata/labels";
    create "batch" "" "CronJob" "spec/jobTemplate/metadata/labels";
    create "batch" "" "CronJob" "spec/jobTemplate/spec/template/metadata/labels";
    create "batch" "" "Job" "spec/template/metadata/labels";
    create "" "v1" "ReplicationController" "spec/template/metadata/labels";
    create "" "" "DaemonSet" "spec/template/metadata/labels";
    create "" "" "ReplicaSet" "spec/template/metadata/labels";
    create "" "" "" "metadata/labels";
}

specs! { VOLUME_CLAIM_TEMPLATE_LABELS
    create "apps" "" "StatefulSet" "spec/volumeClaimTemplates[]/metadata/labels";
}

specs! { COMMON_ANNOTATIONS
    create "" "" "Deployment" "spec/template/metadata/annotations";
    create "" "" "StatefulSet" "spec/template/metadata/annotations";
    create "batch" "" "CronJob" "spec/jobTemplate/metadata/annotations";
    create "batch" "" "CronJob" "spec/jobTemplate/spec/template/metadata/annotations";
    create "batch" "" "Job" "spec/template/metadata/annotations";
    create "" "v1" "ReplicationController" "spec/template/metadata/annotations";
    create "" "" "DaemonSet" "spec/template/metadata/annotations";
    create "" "" "ReplicaSet" "spec/template/metadata/annotations";
    create "" "" "" "metadata/annotations";
}

specs! { VAR_REFERENCES
    update "" "" "Service" "spec/ports/port";
    update "" "" "Service" "spec/ports/targetPort";
    update "" "" "PersistentVolume" "spec/nfs/server";
    update "" "" "Deployment" "spec/template/spec/initContainers/volumeMounts/mountPath";
    update "" "" "Deployment" "spec/template/spec/initContainers/env/value";
    update "" "" "Deployment" "spec/template/spec/initContainers/command";
    update "" "" "Deployment" "spec/template/spec/initContainers/args";
    update "" "" "Deployment" "spec/template/spec/containers/volumeMounts/mountPath";
    update "" "" "Deployment" "spec/template/spec/containers/env/value";
    update "" "" "Deployment" "spec/template/spec/volumes/nfs/server";
    update "" "" "Deployment" "spec/template/metadata/annotations";
    update "" "" "Deployment" "spec/template/spec/containers/command";
    update "" "" "Deployment" "spec/template/spec/containers/args";
    update "" "" "StatefulSet" "spec/template/spec/containers/volumeMounts/mountPath";
    update "" "" "StatefulSet" "spec/template/spec/containers/env/value";
    update "" "" "StatefulSet" "spec/template/spec/initContainers/args";
    update "" "" "StatefulSet" "spec/volumeClaimTemplates/spec/nfs/server";
    update "" "" "StatefulSet" "spec/template/spec/initContainers/command";
    update "" "" "StatefulSet" "spec/template/spec/containers/command";
    update "" "" "StatefulSet" "spec/template/spec/containers/args";
    update "" "" "StatefulSet" "spec/template/spec/initContainers/volumeMounts/mountPath";
    update "" "" "StatefulSet" "spec/template/spec/initContainers/env/value";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/env/value";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/command";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/args";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/volumeMounts/mountPath";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/env/value";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/command";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/volumeMounts/mountPath";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/volumes/nfs/server";
    update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/args";
    update "" "" "DaemonSet" "spec/template/spec/containers/command";
    update "" "" "DaemonSet" "spec/template/spec/volumes/nfs/server";
    update "" "" "DaemonSet" "spec/template/spec/initContainers/volumeMounts/mountPath";
    update "" "" "DaemonSet" "spec/template/spec/initContainers/env/value";
    update "" "" "DaemonSet" "spec/template/spec/initContainers/command";
    update "" "" "DaemonSet" "spec/template/spec/initContainers/args";
    update "" "" "DaemonSet" "spec/template/spec/containers/volumeMounts/mountPath";
    update "" "" "DaemonSet" "spec/template/spec/containers/env/value";
    update "" "" "DaemonSet" "spec/template/spec/containers/args";
    update "" "" "Ingress" "spec/tls/secretName";
    update "" "" "Ingress" "spec/tls/hosts";
    update "" "" "Ingress" "spec/rules/host";
    update "" "" "Job" "spec/template/spec/initContainers/command";
    update "" "" "Job" "spec/template/spec/volumes/nfs/server";
    update "" "" "Job" "spec/template/spec/containers/args";
    update "" "" "Job" "spec/template/spec/containers/command";
    update "" "" "Job" "spec/template/spec/containers/env/value";
    update "" "" "Job" "spec/template/spec/containers/volumeMounts/mountPath";
    update "" "" "Job" "spec/template/spec/initContainers/args";
    update "" "" "Job" "spec/template/spec/initContainers/env/value";
    update "" "" "Job" "spec/template/spec/initContainers/volumeMounts/mountPath";
    update "" "" "Pod" "spec/containers/volumeMounts/mountPath";
    update "" "" "Pod" "spec/containers/args";
    update "" "" "Pod" "spec/initContainers/command";
    update "" "" "Pod" "spec/initContainers/env/value";
    update "" "" "Pod" "spec/initContainers/volumeMounts/mountPath";
    update "" "" "Pod" "spec/volumes/nfs/server";
    update "" "" "Pod" "spec/initContainers/args";
    update "" "" "Pod" "spec/containers/env/value";
    update "" "" "Pod" "spec/containers/command";
    update "" "" "ReplicaSet" "spec/template/spec/volumes/nfs/server";
    update "" "" "ReplicaSet" "spec/template/spec/containers/volumeMounts/mountPath";
    update "" "" "ReplicaSet" "spec/template/spec/containers/env/value";
    update "" "" "ReplicaSet" "spec/template/spec/containers/command";
    update "" "" "ReplicaSet" "spec/template/spec/containers/args";
    update "" "" "ReplicaSet" "spec/template/spec/initContainers/args";
    update "" "" "ReplicaSet" "spec/template/spec/initContainers/volumeMounts/mountPath";
    update "" "" "ReplicaSet" "spec/template/spec/initContainers/env/value";
    update "" "" "ReplicaSet" "spec/template/spec/initContainers/command";
    update "" "" "" "metadata/labels";
    update "" "" "" "metadata/annotations";
}

specs! { IMAGES
    create "" "" "" "spec/containers[]/image";
    create "" "" "" "spec/initContainers[]/image";
    create "" "" "" "spec/volumes[]/image/reference";
    create "" "" "" "spec/template/spec/containers[]/image";
    create "" "" "" "spec/template/spec/initContainers[]/image";
    create "" "" "" "spec/template/spec/volumes[]/image/reference";
    create "" "" "" "spec/jobTemplate/spec/template/spec/volumes[]/image/reference";
}

specs! { REPLICAS
    create "" "" "Deployment" "spec/replicas";
    create "" "" "StatefulSet" "spec/replicas";
    create "" "" "ReplicaSet" "spec/replicas";
    create "" "" "ReplicationController" "spec/replicas";
}
