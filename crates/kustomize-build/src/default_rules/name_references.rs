//! The default name references of kustomize 5.8.2: for each kind the fields that refer to its objects by name, in the
//! order in which they apply.
//!
//! Source: <https://github.com/kubernetes-sigs/kustomize/tree/api/v0.21.2/api/internal/konfig/builtinpluginconsts>.

use super::references;

references! {
    "storage.k8s.io" "v1" "StorageClass" {
        update "" "" "PersistentVolume" "spec/storageClassName";
        update "" "" "PersistentVolumeClaim" "spec/storageClassName";
        update "" "" "StatefulSet" "spec/volumeClaimTemplates/spec/storageClassName";
    }

    "" "v1" "ServiceAccount" {
        update "rbac.authorization.k8s.io" "" "RoleBinding" "subjects";
        update "rbac.authorization.k8s.io" "" "ClusterRoleBinding" "subjects";
        update "" "" "Pod" "spec/serviceAccountName";
        update "" "" "StatefulSet" "spec/template/spec/serviceAccountName";
        update "" "" "Deployment" "spec/template/spec/serviceAccountName";
        update "" "" "ReplicationController" "spec/template/spec/serviceAccountName";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/serviceAccountName";
        update "" "" "Job" "spec/template/spec/serviceAccountName";
        update "" "" "DaemonSet" "spec/template/spec/serviceAccountName";
    }

    "rbac.authorization.k8s.io" "" "Role" {
        update "rbac.authorization.k8s.io" "" "RoleBinding" "roleRef/name";
    }

    "rbac.authorization.k8s.io" "" "ClusterRole" {
        update "rbac.authorization.k8s.io" "" "RoleBinding" "roleRef/name";
        update "rbac.authorization.k8s.io" "" "ClusterRoleBinding" "roleRef/name";
    }

    "" "v1" "ConfigMap" {
        update "" "v1" "Pod" "spec/volumes/configMap/name";
        update "" "v1" "Pod" "spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "v1" "Pod" "spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "v1" "Pod" "spec/containers/envFrom/configMapRef/name";
        update "" "v1" "Pod" "spec/initContainers/envFrom/configMapRef/name";
        update "" "v1" "Pod" "spec/volumes/projected/sources/configMap/name";
        update "" "" "PodTemplate" "template/spec/volumes/configMap/name";
        update "" "" "PodTemplate" "template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "PodTemplate" "template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "PodTemplate" "template/spec/containers/envFrom/configMapRef/name";
        update "" "" "PodTemplate" "template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "PodTemplate" "template/spec/volumes/projected/sources/configMap/name";
        update "" "" "Deployment" "spec/template/spec/volumes/configMap/name";
        update "" "" "Deployment" "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "Deployment" "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "Deployment" "spec/template/spec/containers/envFrom/configMapRef/name";
        update "" "" "Deployment" "spec/template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "Deployment" "spec/template/spec/volumes/projected/sources/configMap/name";
        update "" "" "ReplicaSet" "spec/template/spec/volumes/configMap/name";
        update "" "" "ReplicaSet" "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/containers/envFrom/configMapRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/volumes/projected/sources/configMap/name";
        update "" "" "DaemonSet" "spec/template/spec/volumes/configMap/name";
        update "" "" "DaemonSet" "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "DaemonSet" "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "DaemonSet" "spec/template/spec/containers/envFrom/configMapRef/name";
        update "" "" "DaemonSet" "spec/template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "DaemonSet" "spec/template/spec/volumes/projected/sources/configMap/name";
        update "" "" "StatefulSet" "spec/template/spec/volumes/configMap/name";
        update "" "" "StatefulSet" "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "StatefulSet" "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "StatefulSet" "spec/template/spec/containers/envFrom/configMapRef/name";
        update "" "" "StatefulSet" "spec/template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "StatefulSet" "spec/template/spec/volumes/projected/sources/configMap/name";
        update "" "" "Job" "spec/template/spec/volumes/configMap/name";
        update "" "" "Job" "spec/template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "Job" "spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "Job" "spec/template/spec/containers/envFrom/configMapRef/name";
        update "" "" "Job" "spec/template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "Job" "spec/template/spec/volumes/projected/sources/configMap/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/volumes/configMap/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/volumes/projected/sources/configMap/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/env/valueFrom/configMapKeyRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/configMapKeyRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/envFrom/configMapRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/envFrom/configMapRef/name";
        update "" "" "Node" "spec/configSource/configMap";
        update "" "" "Role" "rules/resourceNames";
        update "" "" "ClusterRole" "rules/resourceNames";
        update "" "" "Ingress" "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap";
    }

    "" "v1" "Secret" {
        update "" "v1" "Pod" "spec/volumes/secret/secretName";
        update "" "v1" "Pod" "spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "v1" "Pod" "spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "v1" "Pod" "spec/containers/envFrom/secretRef/name";
        update "" "v1" "Pod" "spec/initContainers/envFrom/secretRef/name";
        update "" "v1" "Pod" "spec/imagePullSecrets/name";
        update "" "v1" "Pod" "spec/volumes/projected/sources/secret/name";
        update "" "" "PodTemplate" "template/spec/volumes/secret/secretName";
        update "" "" "PodTemplate" "template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "PodTemplate" "template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "PodTemplate" "template/spec/containers/envFrom/secretRef/name";
        update "" "" "PodTemplate" "template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "PodTemplate" "template/spec/imagePullSecrets/name";
        update "" "" "PodTemplate" "template/spec/volumes/projected/sources/secret/name";
        update "" "" "Deployment" "spec/template/spec/volumes/secret/secretName";
        update "" "" "Deployment" "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "Deployment" "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "Deployment" "spec/template/spec/containers/envFrom/secretRef/name";
        update "" "" "Deployment" "spec/template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "Deployment" "spec/template/spec/imagePullSecrets/name";
        update "" "" "Deployment" "spec/template/spec/volumes/projected/sources/secret/name";
        update "" "" "ReplicaSet" "spec/template/spec/volumes/secret/secretName";
        update "" "" "ReplicaSet" "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/containers/envFrom/secretRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "ReplicaSet" "spec/template/spec/imagePullSecrets/name";
        update "" "" "ReplicaSet" "spec/template/spec/volumes/projected/sources/secret/name";
        update "" "" "DaemonSet" "spec/template/spec/volumes/secret/secretName";
        update "" "" "DaemonSet" "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "DaemonSet" "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "DaemonSet" "spec/template/spec/containers/envFrom/secretRef/name";
        update "" "" "DaemonSet" "spec/template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "DaemonSet" "spec/template/spec/imagePullSecrets/name";
        update "" "" "DaemonSet" "spec/template/spec/volumes/projected/sources/secret/name";
        update "" "" "StatefulSet" "spec/template/spec/volumes/secret/secretName";
        update "" "" "StatefulSet" "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "StatefulSet" "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "StatefulSet" "spec/template/spec/containers/envFrom/secretRef/name";
        update "" "" "StatefulSet" "spec/template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "StatefulSet" "spec/template/spec/imagePullSecrets/name";
        update "" "" "StatefulSet" "spec/template/spec/volumes/projected/sources/secret/name";
        update "" "" "Job" "spec/template/spec/volumes/secret/secretName";
        update "" "" "Job" "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "Job" "spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "Job" "spec/template/spec/containers/envFrom/secretRef/name";
        update "" "" "Job" "spec/template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "Job" "spec/template/spec/imagePullSecrets/name";
        update "" "" "Job" "spec/template/spec/volumes/projected/sources/secret/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/volumes/secret/secretName";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/volumes/projected/sources/secret/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/env/valueFrom/secretKeyRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/containers/envFrom/secretRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/initContainers/envFrom/secretRef/name";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/imagePullSecrets/name";
        update "" "" "Ingress" "spec/tls/secretName";
        update "" "" "Ingress" "metadata/annotations/ingress.kubernetes.io\\/auth-secret";
        update "" "" "Ingress" "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret";
        update "" "" "Ingress" "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret";
        update "" "" "Ingress" "spec/tls/secretName";
        update "" "" "ServiceAccount" "imagePullSecrets/name";
        update "" "" "StorageClass" "parameters/secretName";
        update "" "" "StorageClass" "parameters/adminSecretName";
        update "" "" "StorageClass" "parameters/userSecretName";
        update "" "" "StorageClass" "parameters/secretRef";
        update "" "" "Role" "rules/resourceNames";
        update "" "" "ClusterRole" "rules/resourceNames";
        update "serving.knative.dev" "v1" "Service" "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
        update "" "" "PersistentVolume" "spec/azureFile/secretName";
    }

    "" "v1" "Service" {
        update "apps" "" "StatefulSet" "spec/serviceName";
        update "" "" "Ingress" "spec/rules/http/paths/backend/serviceName";
        update "" "" "Ingress" "spec/backend/serviceName";
        update "" "" "Ingress" "spec/rules/http/paths/backend/service/name";
        update "" "" "Ingress" "spec/defaultBackend/service/name";
        update "apiregistration.k8s.io" "" "APIService" "spec/service/name";
        update "admissionregistration.k8s.io" "" "ValidatingWebhookConfiguration" "webhooks/clientConfig/service";
        update "admissionregistration.k8s.io" "" "MutatingWebhookConfiguration" "webhooks/clientConfig/service";
    }

    "scheduling.k8s.io" "v1" "PriorityClass" {
        update "" "" "Pod" "spec/priorityClassName";
        update "" "" "StatefulSet" "spec/template/spec/priorityClassName";
        update "" "" "Deployment" "spec/template/spec/priorityClassName";
        update "" "" "ReplicationController" "spec/template/spec/priorityClassName";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/priorityClassName";
        update "" "" "Job" "spec/template/spec/priorityClassName";
        update "" "" "DaemonSet" "spec/template/spec/priorityClassName";
    }

    "" "v1" "PersistentVolume" {
        update "" "" "PersistentVolumeClaim" "spec/volumeName";
        update "" "" "ClusterRole" "rules/resourceNames";
    }

    "" "v1" "PersistentVolumeClaim" {
        update "" "" "Pod" "spec/volumes/persistentVolumeClaim/claimName";
        update "" "" "StatefulSet" "spec/template/spec/volumes/persistentVolumeClaim/claimName";
        update "" "" "Deployment" "spec/template/spec/volumes/persistentVolumeClaim/claimName";
        update "" "" "ReplicationController" "spec/template/spec/volumes/persistentVolumeClaim/claimName";
        update "" "" "CronJob" "spec/jobTemplate/spec/template/spec/volumes/persistentVolumeClaim/claimName";
        update "" "" "Job" "spec/template/spec/volumes/persistentVolumeClaim/claimName";
        update "" "" "DaemonSet" "spec/template/spec/volumes/persistentVolumeClaim/claimName";
    }

    "" "" "Deployment" {
        update "" "" "HorizontalPodAutoscaler" "spec/scaleTargetRef/name";
    }

    "" "" "StatefulSet" {
        update "" "" "HorizontalPodAutoscaler" "spec/scaleTargetRef/name";
    }

    "admissionregistration.k8s.io" "" "ValidatingAdmissionPolicy" {
        update "admissionregistration.k8s.io" "" "ValidatingAdmissionPolicyBinding" "spec/policyName";
    }

    "networking.k8s.io/v1" "v1" "IngressClass" {
        update "" "" "Ingress" "spec/ingressClassName";
    }

    "" "" "ReplicaSet" {
        update "" "" "HorizontalPodAutoscaler" "spec/scaleTargetRef/name";
    }

    "" "" "ReplicationController" {
        update "" "" "HorizontalPodAutoscaler" "spec/scaleTargetRef/name";
    }
}
