/** SageMaker's own name for the only variant; scaling, alarms and callers refer to it. */
export const VARIANT = "AllTraffic";
