/**
 * ONNX's published schema, as protocol buffers.
 *
 * @module
 */
import proto from "npm:onnx-proto@8.0.1";
import type { onnx as schema } from "npm:onnx-proto@8.0.1";

/** The messages of ONNX. */
export const onnx: typeof schema = proto.onnx;

/** A graph. */
export type GraphProto = schema.IGraphProto;

/** A node of a graph. */
export type NodeProto = schema.INodeProto;

/** A constant of a graph. */
export type TensorProto = schema.ITensorProto;

/** An attribute of a node. */
export type AttributeProto = schema.IAttributeProto;

/** An input or an output of a graph. */
export type ValueInfoProto = schema.IValueInfoProto;
